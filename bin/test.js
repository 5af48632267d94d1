#!/usr/bin/env node
import { join } from 'node:path';
import { nodePath, root } from './platform.js';
import { runNode } from './run.js';
import { setUp } from './setup.js';

setUp('all');
const args = process.argv.slice(2);
const coverage = args[0] === '--coverage';
const mocha = [join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'), ...args.slice(coverage ? 1 : 0)];
runNode(coverage ? [join(root, 'node_modules', 'c8', 'bin', 'c8.js'), nodePath(), ...mocha] : mocha);
