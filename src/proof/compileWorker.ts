// Child process of compileCircuit: compiles the Noir package in argv[2], writes { abi, bytecode } to argv[3].
import { writeFileSync } from 'node:fs';
import { compile, createFileManager } from '@noir-lang/noir_wasm';
import { assertCompilerMemory } from './assertCompilerMemory.ts';

const [, , folder, output] = process.argv as [string, string, string, string];
const result = (await compile(createFileManager(folder))) as { program: { abi: unknown; bytecode: string } };
writeFileSync(output, JSON.stringify({ abi: result.program.abi, bytecode: result.program.bytecode }));
assertCompilerMemory();
process.exit(0);
