import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../folders.ts';
import { freePorts } from '../ports.ts';

/** A value of an instant vector, with its labels. */
export interface Sample {
  metric: Record<string, string>;
  value: number;
}

export interface PrometheusServer {
  /** Evaluates an expression now. Throws what Prometheus says against it. */
  query(expression: string): Promise<Sample[]>;
  stop(): Promise<void>;
}

const START_MS = 20_000;

/** Starts a Prometheus on a free loopback port that scrapes one target (`host:port`) as job `ordo` every second. */
export async function startPrometheus(target: string): Promise<PrometheusServer> {
  const folder = await temporaryFolder();
  const [port = 0] = await freePorts(1);
  const config = join(folder.path, 'prometheus.json');
  const scrape = { job_name: 'ordo', scrape_interval: '1s', static_configs: [{ targets: [target] }] };
  await writeFile(config, JSON.stringify({ scrape_configs: [scrape] }));
  const data = join(folder.path, 'data');
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`];
  const server = spawn('prometheus', [...flags, '--log.level=error'], { stdio: 'ignore' });
  const killWithUs = () => server.kill('SIGKILL');
  process.once('exit', killWithUs);
  const url = `http://127.0.0.1:${port}`;
  await ready(url, server);
  return {
    query: (expression) => query(url, expression),
    async stop() {
      process.off('exit', killWithUs);
      const gone = once(server, 'exit');
      if (server.exitCode === null && server.kill('SIGKILL')) await gone;
      await folder.remove();
    },
  };
}

async function ready(url: string, server: ChildProcess): Promise<void> {
  for (let end = Date.now() + START_MS; ; await sleep(50)) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (answer?.ok) return;
    if (server.exitCode !== null) throw new Error(`Prometheus ended with ${server.exitCode}`);
    if (Date.now() > end) throw new Error(`Prometheus is not ready within ${START_MS} ms`);
  }
}

interface Answer {
  status: string;
  error?: string;
  data: { resultType: string; result: { metric: Record<string, string>; value: [number, string] }[] };
}

async function query(url: string, expression: string): Promise<Sample[]> {
  const answer = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expression }),
  });
  const { status, error, data } = (await answer.json()) as Answer;
  if (status !== 'success' || data.resultType !== 'vector')
    throw new Error(`${expression}: ${error ?? data.resultType}`);
  return data.result.map(({ metric, value: [, text] }) => ({ metric, value: Number(text) }));
}
