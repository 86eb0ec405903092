import type { ChildProcess, SpawnOptions } from 'node:child_process'

export const ROOT: string
export const ENV: NodeJS.ProcessEnv
export function start(command: string, args: string[], options?: SpawnOptions): ChildProcess
export function run(command: string, args: string[], options?: { quiet?: boolean }): Promise<string>
export function ensureInstalled(): Promise<void>
export function fail(error: unknown): never
