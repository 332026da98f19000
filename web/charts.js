import uPlot from './uplot.js';

/**
 * Draws every figure from the table that stands in it: one place for the data, and the table says the same to whoever cannot see the chart. The first column is
 * x; each other one a series.
 */
export function drawCharts() {
  for (const figure of document.querySelectorAll('figure.chart')) {
    const table = figure.querySelector('table');
    const plot = figure.querySelector('.plot');
    if (table === null || plot === null) continue;
    const data = readTable(table);
    if (data.columns[0].length < 2) continue;
    draw(plot, data);
  }
}

/** Numbers are in data-value where the cell shows them in another form; a cell without one is a gap. */
function readTable(table) {
  const labels = [...table.querySelectorAll('thead th')].map((cell) => cell.textContent.trim());
  const columns = labels.map(() => []);
  for (const row of table.querySelectorAll('tbody tr')) {
    [...row.children].forEach((cell, i) => {
      const text = cell.dataset.value ?? cell.textContent;
      const value = text.trim() === '' ? Number.NaN : Number(text);
      columns[i].push(Number.isFinite(value) ? value : null);
    });
  }
  return { labels, columns };
}

const dashes = [[], [6, 4], [2, 3], [10, 4, 2, 4]];
/** Windows are counted: no ticks between them. */
const wholeSteps = Array.from({ length: 12 }, (_, i) => [1, 2, 5].map((n) => n * 10 ** i)).flat();
const height = 240;

function draw(plot, { labels, columns }) {
  const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 });
  const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });
  /** Short, unless two would read the same. */
  const labelsOf = (values) => {
    const short = values.map((value) => compact.format(value));
    return new Set(short).size === short.length ? short : values.map((value) => exact.format(value));
  };
  let chart;
  const make = () => {
    chart?.destroy();
    // A canvas knows no variables: an element that takes the colour does.
    const probe = document.createElement('span');
    plot.append(probe);
    const colour = (name) => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    const series = [colour('--accent'), colour('--warn'), colour('--bad'), colour('--good')];
    const axis = {
      stroke: colour('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1 },
      values: (_chart, splits) => labelsOf(splits),
    };
    probe.remove();
    const width = Math.max(200, Math.floor(plot.clientWidth));
    chart = new uPlot(
      {
        width,
        height,
        scales: { x: { time: false } },
        legend: { live: true },
        cursor: { drag: { x: false, y: false } },
        axes: [
          { ...axis, incrs: wholeSteps },
          { ...axis, size: 56 },
        ],
        series: [
          { label: labels[0] },
          ...labels.slice(1).map((label, i) => ({
            label,
            stroke: series[i % series.length],
            // Told apart without colour, too.
            dash: dashes[i % dashes.length],
            width: 2,
            points: { show: columns[0].length <= 60, size: 6 },
            value: (_chart, value) => (value === null ? '–' : exact.format(value)),
          })),
        ],
      },
      columns,
      plot,
    );
    for (const part of plot.children) part.setAttribute('aria-hidden', 'true');
  };
  make();
  document.addEventListener('themechange', make);
  new ResizeObserver(() => {
    const width = Math.max(200, Math.floor(plot.clientWidth));
    if (chart.width !== width) chart.setSize({ width, height });
  }).observe(plot);
}
