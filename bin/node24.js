#!/usr/bin/env node
import { runNode } from './run.js';

runNode(process.argv.slice(2));
