import { parse } from 'yaml';
import { parseDuration } from '../../../src/app/units.ts';
import { text } from './files.ts';

export interface ComposeService {
  image?: string;
  build?: { context: string; dockerfile: string };
  pull_policy?: string;
  command?: string[];
  profiles?: string[];
  container_name?: string;
  read_only?: boolean;
  tmpfs?: string[];
  cap_drop?: string[];
  security_opt?: string[];
  restart?: string;
  stop_grace_period?: string;
  ports?: string[];
  volumes?: (string | { type: string; source: string; target: string })[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { disable?: boolean };
}

export interface ComposeFile {
  name: string;
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
}

/** docker-compose.yml, with its anchors merged, where no variable ORDO_... is set. */
export async function composeFile(): Promise<ComposeFile> {
  const content = await text('docker-compose.yml');
  const file: ComposeFile = parse(content.replace(/\$\{ORDO_\w+:-([^}]*)\}/g, '$1'), { merge: true });
  return file;
}

/** Where the volumes of a service come from: names and paths. */
export function sourcesOf({ volumes = [] }: ComposeService): string[] {
  return volumes.map((volume) => (typeof volume === 'string' ? (volume.split(':')[0] ?? '') : volume.source));
}

/** Milliseconds from the first signal after which `ordo up` ends whatever happens. */
export async function stopsWithinMs(): Promise<number> {
  const [, ms] = /STOP_WITHIN_MS = (\d+)/.exec(await text('src', 'cli', 'up.ts')) ?? [];
  return Number(ms);
}

export function milliseconds(duration: string | undefined): number {
  return parseDuration(duration ?? '') ?? Number.NaN;
}
