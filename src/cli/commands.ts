import { createCompletion } from './completion/completion.ts';
import { configShow } from './config/show.ts';
import { doctor } from './doctor/doctor.ts';
import type { AnyCommand } from './framework/command.ts';
import type { Group } from './framework/program.ts';

/** The nouns, in the order of `--help`. */
export const groups: readonly Group[] = [{ name: 'config', summary: 'settings and where they come from' }];

/** Every command. */
export const commands: readonly AnyCommand[] = [doctor, configShow, createCompletion(() => commands)];
