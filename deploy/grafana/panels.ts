/** The model of a dashboard, and the JSON that Grafana imports of it. */

export interface Query {
  /** PromQL; `$__rate_interval` is Grafana's, at least four scrapes. */
  readonly expr: string;
  /** Of its lines; labels in double braces. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What an operator should know to read it. */
  readonly about?: string;
  readonly kind?: 'lines' | 'heat map' | 'number';
  /** Grafana's name of the unit. */
  readonly unit?: 's' | 'bytes' | 'short' | 'percentunit' | 'reqps' | 'ops';
  /** Drawn in red from here on. */
  readonly limit?: number;
  readonly queries: readonly Query[];
}

export interface Dashboard {
  /** Names its file and its address in Grafana. */
  readonly name: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const SOURCE = { type: 'prometheus', uid: '${source}' };
const WIDTH = 12;
const HEIGHT = 8;

/** Two panels a row, in their order. */
export function grafanaJson({ name, title, panels }: Dashboard): string {
  const dashboard = {
    ...{ uid: `messagecore-${name}`, title: `MessageCore: ${title}`, tags: ['messagecore'], editable: true },
    ...{ schemaVersion: 39, version: 1, refresh: '30s', timezone: 'browser', graphTooltip: 1 },
    time: { from: 'now-3h', to: 'now' },
    templating: {
      list: [{ name: 'source', type: 'datasource', query: 'prometheus', label: 'Prometheus', hide: 0 }],
    },
    links: [{ type: 'dashboards', title: 'MessageCore', tags: ['messagecore'], asDropdown: true, keepTime: true }],
    annotations: {
      list: [
        {
          ...{ name: 'Alerts', datasource: SOURCE, enable: true, iconColor: 'red' },
          ...{ expr: 'ALERTS{alertstate="firing"}', titleFormat: '{{alertname}}', step: '60s' },
        },
      ],
    },
    panels: panels.map(panelJson),
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

function panelJson(panel: Panel, at: number): object {
  const { title, about, kind = 'lines', queries } = panel;
  const isHeatMap = kind === 'heat map';
  return {
    ...{ id: at + 1, title, description: about, datasource: SOURCE },
    type: { lines: 'timeseries', 'heat map': 'heatmap', number: 'stat' }[kind],
    gridPos: { x: (at % 2) * WIDTH, y: Math.floor(at / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    targets: queries.map(({ expr, legend }, n) => ({
      ...{ refId: String.fromCodePoint(65 + n), expr, legendFormat: legend, datasource: SOURCE },
      ...{ format: isHeatMap ? 'heatmap' : 'time_series', exemplar: expr.includes('_bucket') },
    })),
    ...(isHeatMap ? heatMapOf(panel) : fieldsOf(panel)),
  };
}

function heatMapOf({ unit = 's' }: Panel): object {
  return {
    options: { calculate: false, yAxis: { unit }, color: { scheme: 'Spectral', mode: 'scheme' }, cellGap: 1 },
    fieldConfig: { defaults: {}, overrides: [] },
  };
}

function fieldsOf({ unit = 'short', limit }: Panel): object {
  const steps = [{ color: 'green', value: null }, ...(limit === undefined ? [] : [{ color: 'red', value: limit }])];
  const custom = limit === undefined ? {} : { thresholdsStyle: { mode: 'line' } };
  return {
    fieldConfig: { defaults: { unit, min: 0, custom, thresholds: { mode: 'absolute', steps } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}
