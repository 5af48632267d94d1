import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type { PanelContent, RowContent } from './rows.ts';

const WIDTH = 24;
const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

/** The dashboard in Grafana's JSON model. */
export function buildDashboard(rows: readonly RowContent[]): Dashboard {
  const dashboard = new DashboardBuilder('Ordo')
    .uid('ordo')
    .description('Pipelines of Ordo: flow, latency, cost and drift.')
    .tags(['ordo'])
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('15s')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Source').type('prometheus'))
    .withVariable(variable('job', 'Job', ''))
    .withVariable(variable('pipeline', 'Pipeline', '{job=~"$job"}'));
  let id = 1;
  for (const { title, panels } of rows) {
    dashboard.withRow(new RowBuilder(title).id(id++));
    for (const panel of panels) dashboard.withPanel(panelOf(panel, WIDTH / panels.length).id(id++));
  }
  return dashboard.build();
}

/** A choice among the values that a label has, where `matchers` hold. */
function variable(label: string, title: string, matchers: string): QueryVariableBuilder {
  return new QueryVariableBuilder(label)
    .label(title)
    .datasource(DATASOURCE)
    .query(`label_values(ordo_consumer_lag_records${matchers}, ${label})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.+');
}

function panelOf(content: PanelContent, width: number) {
  if (content.kind === 'stat') return filled(statOf(content), content, width, 4);
  return filled(content.kind === 'heatmap' ? heatmapOf() : linesOf(content), content, width, 8);
}

/** What panels of all kinds have. */
function filled<P extends timeseries.PanelBuilder | stat.PanelBuilder | heatmap.PanelBuilder>(
  panel: P,
  { title, description, unit, max, kind, queries }: PanelContent,
  width: number,
  height: number,
): P {
  panel.title(title).datasource(DATASOURCE).unit(unit).span(width).height(height);
  if (description) panel.description(description);
  if (max !== undefined) panel.max(max);
  for (const [index, [expression, legend]] of queries.entries()) {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + index))
      .expr(expression)
      .legendFormat(legend)
      .format(kind === 'heatmap' ? PromQueryFormat.Heatmap : PromQueryFormat.TimeSeries);
    panel.withTarget(kind === 'stat' ? query.instant() : query.range());
  }
  return panel;
}

/** A number of now: no older one stands for one that is not there. */
function statOf({ alarm, nothing = '-', unit }: PanelContent): stat.PanelBuilder {
  const steps = [{ value: null, color: 'green' }, ...(alarm ? [{ value: alarm.from, color: alarm.color }] : [])];
  return new stat.PanelBuilder()
    .noValue(nothing)
    .decimals(unit === 'short' ? 0 : 2)
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
}

function linesOf({ kind }: PanelContent): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .showPoints(VisibilityMode.Never)
    .fillOpacity(kind === 'lines' ? 0 : 40)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .legend(legendBelow());
  if (kind === 'bars') panel.drawStyle(GraphDrawStyle.Bars);
  if (kind !== 'lines') panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  return panel;
}

function legendBelow(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);
}

function heatmapOf(): heatmap.PanelBuilder {
  const colors = new heatmap.HeatmapColorOptionsBuilder()
    .mode(heatmap.HeatmapColorMode.Scheme)
    .scheme('Blues')
    .steps(32);
  return new heatmap.PanelBuilder().calculate(false).color(colors).showLegend();
}
