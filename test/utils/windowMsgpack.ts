/** MessagePack as Noir writes its programs: integers beyond 2^53 are bigint, maps keep their order. */
export type Packed = null | boolean | number | bigint | string | Uint8Array | Packed[] | Map<Packed, Packed>;

export function decodeMsgpack(bytes: Uint8Array): Packed {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number): Uint8Array => {
    at += length;
    if (at > bytes.length) throw new Error('MessagePack ends early');
    return bytes.slice(at - length, at);
  };
  const uint = (size: number): number => {
    at += size;
    return size === 1 ? view.getUint8(at - 1) : size === 2 ? view.getUint16(at - 2) : view.getUint32(at - 4);
  };
  const text = (length: number): string => new TextDecoder().decode(take(length));
  const array = (length: number): Packed[] => Array.from({ length }, () => next());
  const map = (length: number): Packed => {
    const entries = new Map<Packed, Packed>();
    for (let i = 0; i < length; i++) {
      const key = next();
      entries.set(key, next());
    }
    return entries;
  };
  const next = (): Packed => {
    const type = uint(1);
    if (type < 0x80) return type;
    if (type < 0x90) return map(type & 15);
    if (type < 0xa0) return array(type & 15);
    if (type < 0xc0) return text(type & 31);
    if (type >= 0xe0) return type - 256;
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return take(uint(1));
      case 0xc5:
        return take(uint(2));
      case 0xc6:
        return take(uint(4));
      case 0xcc:
        return uint(1);
      case 0xcd:
        return uint(2);
      case 0xce:
        return uint(4);
      case 0xcf: {
        at += 8;
        const value = view.getBigUint64(at - 8);
        return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
      }
      case 0xd9:
        return text(uint(1));
      case 0xda:
        return text(uint(2));
      case 0xdb:
        return text(uint(4));
      case 0xdc:
        return array(uint(2));
      case 0xdd:
        return array(uint(4));
      case 0xde:
        return map(uint(2));
      case 0xdf:
        return map(uint(4));
      default:
        throw new Error(`MessagePack type 0x${type.toString(16)}`);
    }
  };
  const value = next();
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes follow the MessagePack value`);
  return value;
}

export function encodeMsgpack(value: Packed): Uint8Array {
  const parts: Uint8Array[] = [];
  const head = (type: number, size: number, length: number | bigint): void => {
    const bytes = new Uint8Array(1 + size);
    const view = new DataView(bytes.buffer);
    bytes[0] = type;
    if (size === 1) view.setUint8(1, Number(length));
    else if (size === 2) view.setUint16(1, Number(length));
    else if (size === 4) view.setUint32(1, Number(length));
    else if (size === 8) view.setBigUint64(1, BigInt(length));
    parts.push(bytes);
  };
  const sized = (length: number, fix: number, fixLimit: number, types: readonly [number, number, number]): void => {
    if (length < fixLimit) head(fix | length, 0, 0);
    else if (length < 2 ** 8 && types[0] !== 0) head(types[0], 1, length);
    else if (length < 2 ** 16) head(types[1], 2, length);
    else head(types[2], 4, length);
  };
  const put = (item: Packed): void => {
    if (item === null) head(0xc0, 0, 0);
    else if (typeof item === 'boolean') head(item ? 0xc3 : 0xc2, 0, 0);
    else if (typeof item === 'bigint') head(0xcf, 8, item);
    else if (typeof item === 'number') {
      if (item < -32 || !Number.isSafeInteger(item)) throw new Error(`cannot encode ${item}`);
      if (item < 0) head(item + 256, 0, 0);
      else if (item < 0x80) head(item, 0, 0);
      else if (item < 2 ** 8) head(0xcc, 1, item);
      else if (item < 2 ** 16) head(0xcd, 2, item);
      else if (item < 2 ** 32) head(0xce, 4, item);
      else head(0xcf, 8, item);
    } else if (typeof item === 'string') {
      const bytes = new TextEncoder().encode(item);
      sized(bytes.length, 0xa0, 32, [0xd9, 0xda, 0xdb]);
      parts.push(bytes);
    } else if (item instanceof Uint8Array) {
      sized(item.length, 0, 0, [0xc4, 0xc5, 0xc6]);
      parts.push(item);
    } else if (Array.isArray(item)) {
      sized(item.length, 0x90, 16, [0, 0xdc, 0xdd]);
      for (const entry of item) put(entry);
    } else {
      sized(item.size, 0x80, 16, [0, 0xde, 0xdf]);
      for (const [key, entry] of item) {
        put(key);
        put(entry);
      }
    }
  };
  put(value);
  return new Uint8Array(Buffer.concat(parts));
}
