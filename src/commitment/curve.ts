import { buildBn128, type Curve } from 'ffjavascript';

let shared: Promise<Curve> | undefined;

/** The process' one single-threaded BN254: it computes on the calling thread and needs no closing. */
export function loadCurve(): Promise<Curve> {
  shared ??= buildBn128(true);
  return shared;
}

/**
 * A BN254 with worker threads of its own. The workers keep Node alive: `terminate()` it.
 *
 * ffjavascript hands one multi-threaded instance to every caller through a global, so that whoever terminates it breaks the
 * others; this one is kept out of that global. It cannot be started inside a worker thread.
 */
export async function startCurve(): Promise<Curve> {
  const global = globalThis as { curve_bn128?: Curve | null };
  const others = global.curve_bn128 ?? null;
  global.curve_bn128 = null;
  // The call reads the global before its first await, and writes it when it is done.
  const starting = buildBn128();
  global.curve_bn128 = others;
  const curve = await starting;
  if (global.curve_bn128 === curve) global.curve_bn128 = others;
  return curve;
}
