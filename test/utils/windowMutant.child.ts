// Child process of windowMutant.ts: compiles the Noir packages in the folders of argv, each to program.json beside it; null where it does not compile.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, createFileManager } from '@noir-lang/noir_wasm';

for (const folder of process.argv.slice(2)) {
  let program: { abi: unknown; bytecode: string } | null = null;
  try {
    const result = (await compile(createFileManager(join(folder, 'main')))) as { program: { abi: unknown; bytecode: string } };
    program = { abi: result.program.abi, bytecode: result.program.bytecode };
  } catch (error) {
    console.error(error);
  }
  writeFileSync(join(folder, 'program.json'), JSON.stringify(program));
}
process.exit(0);
