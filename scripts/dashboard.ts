/** Writes infra/grafana/dashboards/ordo.json from scripts/dashboard. A test holds the two together. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDashboard } from './dashboard/build.ts';
import { ROWS } from './dashboard/rows.ts';

const file = join(import.meta.dirname, '..', 'infra', 'grafana', 'dashboards', 'ordo.json');
writeFileSync(file, `${JSON.stringify(buildDashboard(ROWS), null, 2)}\n`);
