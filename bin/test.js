#!/usr/bin/env node
import { join } from 'node:path';
import { nodePath, root } from './platform.js';
import { runNode } from './run.js';
import { setUp } from './setup.js';

setUp('all');
const coverage = process.argv[2] === '--coverage';
const args = process.argv.slice(coverage ? 3 : 2);
const files = args.some((arg) => arg.endsWith('.ts')) ? [] : [join(root, 'test', '**', '*.test.ts')];
const mocha = [join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'), ...args, ...files];
runNode(coverage ? [join(root, 'node_modules', 'c8', 'bin', 'c8.js'), nodePath(), ...mocha] : mocha);
