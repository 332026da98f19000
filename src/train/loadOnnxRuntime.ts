import { AssayError } from '../errors.ts';

export type OnnxRuntime = typeof import('onnxruntime-node');

/**
 * ONNX Runtime, which is an optional dependency: native, and not built for every platform.
 *
 * @throws TRAIN_ONNXRUNTIME_MISSING
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new AssayError('TRAIN_ONNXRUNTIME_MISSING', 'ONNX Runtime cannot be loaded', {
      cause,
      details: (cause as Error).message.split('\n')[0] ?? '',
      hint: 'Run: npm install onnxruntime-node@1.30.0. The reference engine needs no native code.',
    });
  }
}
