import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { EvidenceFile, type EvidenceHeader } from '../../../src/app/evidence/evidence-file.ts';
import { temporaryFolder } from '../../support/folders.ts';

const HEADER: EvidenceHeader = { model: 'ab', profile: 'cd', proposer: 'ef', orders: 2, classes: 3, positions: 4 };
const image = (path: string, first: number) => ({
  path,
  classId: 2,
  track: 't',
  perToken: Float32Array.from({ length: 24 }, (_, at) => first + at),
  proposal: Int32Array.of(-first, -1, -2),
});

/** Of the head of a database file: https://www.sqlite.org/fileformat.html. */
const PAGE_SIZE_AT = 16;
/** Those of the schema and the header. */
const PAGES_BEFORE_IMAGES = 2;

/** Has every database run a pragma before it prepares a statement. */
function underPragma(pragma: string, work: () => void): void {
  const prepare: (sql: string) => StatementSync = Reflect.get(DatabaseSync.prototype, 'prepare');
  DatabaseSync.prototype.prepare = function (sql) {
    this.exec(pragma);
    return prepare.call(this, sql);
  };
  try {
    work();
  } finally {
    DatabaseSync.prototype.prepare = prepare;
  }
}

/** A transaction of another connection, begun with `begin`, that a thread ends after so long; resolves once it is open. */
async function heldFor(ms: number, path: string, begin: string): Promise<void> {
  const holder = `
    const { DatabaseSync } = require('node:sqlite');
    const database = new DatabaseSync(${JSON.stringify(path)});
    database.exec(${JSON.stringify(begin)});
    require('node:worker_threads').parentPort.postMessage('held');
    setTimeout(() => database.close(), ${ms});`;
  await once(new Worker(holder, { eval: true }), 'message');
}

describe('a file of evidence', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder.path, 'some.evidence');
  });
  afterEach(() => folder.remove());

  it('gives back what was added, by path, also when it was opened again to go on', () => {
    const first = EvidenceFile.extend(path, HEADER);
    first.add(image('b.png', 100));
    first.close();
    const second = EvidenceFile.extend(path, HEADER);
    assert.deepEqual([second.has('a.png'), second.has('b.png')], [false, true]);
    second.add(image('a.png', 0));
    second.close();
    const read = EvidenceFile.open(path);
    assert.deepEqual(read.header, HEADER);
    assert.deepEqual([...read.images()], [image('a.png', 0), image('b.png', 100)]);
    read.close();
  });

  it('takes no evidence of another model, profile or number of orders', () => {
    EvidenceFile.extend(path, HEADER).close();
    for (const change of [{ model: 'x' }, { profile: 'x' }, { proposer: null }, { orders: 3 }]) {
      const [key = ''] = Object.keys(change);
      assert.throws(() => EvidenceFile.extend(path, { ...HEADER, ...change }), {
        code: 'EVIDENCE_INVALID',
        message: new RegExp(`another ${key}`),
      });
    }
  });

  for (const [disk, pragma, message] of [
    ['full', 'PRAGMA max_page_count = 1', /some\.evidence cannot be written: database or disk is full$/],
    ['read-only', 'PRAGMA query_only = 1', /some\.evidence cannot be written: attempt to write a readonly database$/],
  ] as const) {
    it(`says that it cannot be written where the disk is ${disk}`, () => {
      const file = EvidenceFile.extend(path, HEADER);
      underPragma(pragma, () => {
        assert.throws(() => file.add({ ...image('a.png', 0), perToken: new Float32Array(1 << 16) }), {
          code: 'OUTPUT_UNWRITABLE',
          message,
        });
      });
      file.close();
    });
  }

  it('waits for another process to let go of it, also one that only reads', async () => {
    const file = EvidenceFile.extend(path, HEADER);
    await heldFor(200, path, 'BEGIN; SELECT * FROM images');
    file.add(image('a.png', 0));
    file.close();
    await heldFor(200, path, 'BEGIN EXCLUSIVE');
    const read = EvidenceFile.open(path);
    assert.ok(read.has('a.png'));
    read.close();
  });

  it('is in use, not invalid, where another process does not let go of it', async () => {
    const file = EvidenceFile.extend(path, HEADER, 1);
    const holder = new DatabaseSync(path);
    holder.exec('BEGIN EXCLUSIVE');
    const unreadable = { code: 'INPUT_NOT_FOUND', message: /cannot be read: another process writes it$/ };
    assert.throws(() => EvidenceFile.open(path, 1), unreadable);
    const unwritable = { code: 'OUTPUT_UNWRITABLE', message: /cannot be written: another process reads or writes it$/ };
    assert.throws(() => file.add(image('a.png', 0)), unwritable);
    holder.close();
    file.close();
  });

  it('says that it cannot be written where it cannot be created', () => {
    const code = 'OUTPUT_UNWRITABLE';
    assert.throws(() => EvidenceFile.extend(join(folder.path, 'none', 'some.evidence'), HEADER), { code });
    underPragma('PRAGMA query_only = 1', () => assert.throws(() => EvidenceFile.extend(path, HEADER), { code }));
  });

  it('is begun anew where it could not be begun before', async () => {
    await writeFile(path, '');
    const file = EvidenceFile.extend(path, HEADER);
    file.add(image('a.png', 0));
    assert.deepEqual([...file.images()], [image('a.png', 0)]);
    file.close();
  });

  it('takes an image once', () => {
    const file = EvidenceFile.extend(path, HEADER);
    file.add(image('a.png', 0));
    assert.throws(() => file.add(image('a.png', 1)), /UNIQUE/);
    file.close();
  });

  it('is invalid where a page of it is damaged, also one that is come upon late', async () => {
    const whole = EvidenceFile.extend(path, HEADER);
    whole.add(image('a.png', 0));
    whole.close();
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0xff, PAGES_BEFORE_IMAGES * bytes.readUInt16BE(PAGE_SIZE_AT)));
    const file = EvidenceFile.open(path);
    const invalid = { code: 'EVIDENCE_INVALID', message: /some\.evidence is no evidence to use: .*malformed/ };
    assert.throws(() => file.has('a.png'), invalid);
    assert.throws(() => [...file.images()], invalid);
    assert.throws(() => file.add(image('b.png', 0)), invalid);
    file.close();
  });

  it('is refused where it is not there, something else, or incomplete', async () => {
    assert.throws(() => EvidenceFile.open(path), { code: 'INPUT_NOT_FOUND' });
    await writeFile(path, 'something else, and long enough to be taken for the head of a database file of some kind');
    assert.throws(() => EvidenceFile.open(path), { code: 'EVIDENCE_INVALID' });
    assert.throws(() => EvidenceFile.extend(path, HEADER), { code: 'EVIDENCE_INVALID' });
    const other = join(folder.path, 'other.evidence');
    const file = EvidenceFile.extend(other, HEADER);
    file.add({ ...image('b.png', 0), proposal: new Int32Array() });
    assert.throws(() => [...file.images()], { code: 'EVIDENCE_INVALID', message: /b\.png is not complete/ });
    file.add({ ...image('a.png', 0), perToken: new Float32Array(3) });
    assert.throws(() => [...file.images()], { code: 'EVIDENCE_INVALID', message: /a\.png is not complete/ });
    file.close();
  });
});
