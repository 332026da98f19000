// The parts of ffjavascript 0.3.1 (and of the WASM module inside it) that this project calls. The package ships no types.
declare module 'ffjavascript' {
  /** A field element or a point in the library's own (Montgomery, little-endian) form. */
  export type Element = Uint8Array;

  type Unary = (a: number, result: number) => void;
  type Binary = (a: number, b: number, result: number) => void;
  type Batch = (input: number, count: number, output: number) => void;

  /** Functions on pointers into the module's memory; `frm` is the scalar field in Montgomery form, `g1m` the group over it. */
  export type WasmExports = {
    readonly frm_add: Binary;
    readonly frm_sub: Binary;
    readonly frm_mul: Binary;
    readonly frm_square: Unary;
    readonly frm_toMontgomery: Unary;
    readonly frm_fromMontgomery: Unary;
    readonly frm_batchFromMontgomery: Batch;
    readonly g1m_zero: (result: number) => void;
    readonly g1m_add: Binary;
    readonly g1m_addMixed: Binary;
    readonly g1m_toAffine: Unary;
    readonly g1m_batchToAffine: Batch;
    readonly g1m_batchLEMtoU: Batch;
    readonly g2m_zero: (result: number) => void;
    readonly g2m_add: Binary;
    readonly g2m_addMixed: Binary;
    readonly g2m_batchToAffine: Batch;
    readonly g2m_batchLEMtoU: Batch;
  };

  export type ThreadManager = {
    readonly memory: WebAssembly.Memory;
    u8: Uint8Array;
    u32: Uint32Array;
    readonly instance: { readonly exports: WasmExports };
    readonly concurrency: number;
    alloc(bytes: number): number;
    queueAction(task: readonly Record<string, unknown>[], transfers?: readonly ArrayBuffer[]): Promise<readonly Uint8Array[]>;
  };

  export type WasmField = {
    readonly n8: number;
    readonly zero: Element;
    readonly one: Element;
    readonly w: readonly Element[];
    add(a: Element, b: Element): Element;
    sub(a: Element, b: Element): Element;
    mul(a: Element, b: Element): Element;
    neg(a: Element): Element;
    inv(a: Element): Element;
    square(a: Element): Element;
    eq(a: Element, b: Element): boolean;
    e(value: bigint | number | string): Element;
    toObject(a: Element): bigint;
    fromRprLE(buffer: Uint8Array, offset?: number): Element;
    toRprLE(buffer: Uint8Array, offset: number, a: Element): void;
    batchToMontgomery(buffer: Uint8Array): Promise<Uint8Array>;
    batchFromMontgomery(buffer: Uint8Array): Promise<Uint8Array>;
    fft(buffer: Uint8Array): Promise<Uint8Array>;
    ifft(buffer: Uint8Array): Promise<Uint8Array>;
    batchApplyKey(buffer: Uint8Array, first: Element, inc: Element): Promise<Uint8Array>;
    fromRng(rng: ChaCha): Element;
  };

  export type WasmGroup = {
    readonly g: Element;
    readonly zero: Element;
    readonly zeroAffine: Element;
    add(a: Element, b: Element): Element;
    sub(a: Element, b: Element): Element;
    neg(a: Element): Element;
    double(a: Element): Element;
    eq(a: Element, b: Element): boolean;
    isZero(a: Element): boolean;
    isValid(a: Element): boolean;
    toAffine(a: Element): Element;
    toJacobian(a: Element): Element;
    toObject(a: Element): readonly unknown[];
    fromObject(a: readonly unknown[]): Element;
    timesFr(a: Element, scalar: Element): Element;
    timesScalar(a: Element, scalar: bigint): Element;
    toRprUncompressed(buffer: Uint8Array, offset: number, a: Element): void;
    fromRprUncompressed(buffer: Uint8Array, offset: number): Element;
    fromRprLEM(buffer: Uint8Array, offset?: number): Element;
    toRprLEM(buffer: Uint8Array, offset: number, a: Element): void;
    fromRng(rng: ChaCha): Element;
    batchLEMtoU(buffer: Uint8Array): Promise<Uint8Array>;
    batchUtoLEM(buffer: Uint8Array): Promise<Uint8Array>;
    batchApplyKey(buffer: Uint8Array, first: Element, inc: Element, inType: string, outType: string): Promise<Uint8Array>;
    multiExpAffine(bases: Uint8Array, scalars: Uint8Array): Promise<Element>;
  };

  export type Curve = {
    readonly tm: ThreadManager;
    readonly Fr: WasmField;
    readonly F1: WasmField;
    readonly G1: WasmGroup;
    readonly G2: WasmGroup;
    readonly Gt: WasmField;
    pairingEq(...pairs: Element[]): Promise<boolean>;
    terminate(): Promise<void>;
  };

  /** The generator of random numbers that snarkjs' ceremonies draw from. */
  export class ChaCha {
    constructor(seed: readonly number[]);
  }

  export function buildBn128(singleThread?: boolean): Promise<Curve>;
  export function getCurveFromName(name: string, singleThread?: boolean): Promise<Curve>;
}
