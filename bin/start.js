#!/usr/bin/env node
import { join } from 'node:path';
import { root } from './platform.js';
import { runNode } from './run.js';
import { setUp } from './setup.js';

setUp('run');
runNode([join(root, 'src', 'cli', 'main.ts'), 'demo', ...process.argv.slice(2)]);
