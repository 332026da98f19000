import { type Address, type Hex, type LocalAccount, parseSignature } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import { assayTokenAbi } from './generated/AssayToken.ts';

export type SignPermitParameters = {
  readonly token: Address;
  readonly spender: Address;
  /** In the token's units. */
  readonly value: bigint;
  /** Unix seconds. */
  readonly deadline: bigint;
};

export type Permit = { readonly value: bigint; readonly deadline: bigint; readonly v: number; readonly r: Hex; readonly s: Hex };

/** Signs that `spender` may take `value` of the signer's tokens until `deadline` (EIP-2612; the token must have it). */
export async function signPermit(chain: ChainReader, signer: LocalAccount, parameters: SignPermitParameters): Promise<Permit> {
  const { token, spender, value, deadline } = parameters;
  const owner = signer.address;
  const [[, name, version, chainId, verifyingContract], nonce] = await Promise.all([
    read(chain, assayTokenAbi, token, 'eip712Domain', []),
    read(chain, assayTokenAbi, token, 'nonces', [owner]),
  ]);
  const signature = await signer.signTypedData({
    domain: { name, version, chainId: Number(chainId), verifyingContract },
    types: {
      Permit: [
        { name: 'owner', type: 'address' },
        { name: 'spender', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'nonce', type: 'uint256' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    primaryType: 'Permit',
    message: { owner, spender, value, nonce, deadline },
  });
  const { r, s, yParity } = parseSignature(signature);
  return { value, deadline, v: 27 + yParity, r, s };
}
