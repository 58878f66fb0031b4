/// <reference lib="dom" />

/** One line of a plot. */
export interface Series {
  /** CSS variable that holds the colour. */
  readonly color: string;
  /** The newest value comes last. */
  readonly values: number[];
}

/** Samples that a plot keeps: one minute at two a second. */
export const PLOT_SAMPLES = 120;

/** Adds a value and forgets what has left the plot. */
export function addSample(series: Series, value: number): void {
  series.values.push(value);
  if (series.values.length > PLOT_SAMPLES) series.values.shift();
}

/**
 * Draws `series` over each other, from zero to a round number above the largest value.
 *
 * @param format writes the value at the top of the scale
 */
export function drawPlot(
  canvas: HTMLCanvasElement,
  series: readonly Series[],
  format: (value: number) => string,
  minTop: number,
): void {
  const context = canvas.getContext("2d");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (context === null || width === 0) return;
  const scale = globalThis.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const top = roundUp(Math.max(minTop, ...series.flatMap(({ values }) => values)));
  const y = (value: number): number => height - 4 - (value / top) * (height - 24);

  context.strokeStyle = color("--line");
  context.lineWidth = 1;
  for (const value of [0, top / 2, top]) {
    context.beginPath();
    context.moveTo(0, Math.round(y(value)) + 0.5);
    context.lineTo(width, Math.round(y(value)) + 0.5);
    context.stroke();
  }
  context.fillStyle = color("--soft");
  context.font = "11px system-ui, sans-serif";
  context.fillText(format(top), 8, y(top) - 5);
  for (const { color: name, values } of series) {
    drawSeries(context, values, color(name), width, y);
  }
}

function drawSeries(
  context: CanvasRenderingContext2D,
  values: readonly number[],
  color: string,
  width: number,
  y: (value: number) => number,
): void {
  if (values.length < 2) return;
  const step = width / (PLOT_SAMPLES - 1);
  const first = width - (values.length - 1) * step;
  context.beginPath();
  values.forEach((value, i) => context.lineTo(first + i * step, y(value)));
  context.strokeStyle = color;
  context.lineWidth = 1.75;
  context.lineJoin = "round";
  context.stroke();
  context.lineTo(width, y(0));
  context.lineTo(first, y(0));
  context.closePath();
  context.globalAlpha = 0.14;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
}

/** The next of 1, 2, 5, 10, 20, 50 … */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value * 0.999) ?? 10;
  return step * power;
}
