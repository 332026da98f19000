import pc from 'picocolors';

export type Progress = {
  /**
   * Runs `action` and shows it on stderr with the time it takes: a live line on a terminal, one plain line at each change off one.
   *
   * `update` changes the text behind the title ("3 of 8").
   */
  step<T>(title: string, action: (update: (text: string) => void) => Promise<T>): Promise<T>;
  /** One line of its own. */
  note(text: string): void;
};

export type ProgressStream = { write(text: string): unknown; readonly isTTY?: boolean | undefined; readonly columns?: number | undefined };

const seconds = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;

/** Progress for people; never on stdout. Steps may overlap: on a terminal the live line shows the one that began last. */
export function createProgress(stream: ProgressStream): Progress {
  return stream.isTTY === true ? liveProgress(stream) : plainProgress(stream);
}

/** Off a terminal an update is printed at most once in so many milliseconds: a log is not a screen. */
const plainEvery = 5_000;

function plainProgress(stream: ProgressStream): Progress {
  const line = (text: string): void => void stream.write(`${text}\n`);
  return {
    note: line,
    async step(title, action) {
      const start = performance.now();
      let printed = start;
      line(`- ${title}`);
      try {
        const value = await action((text) => {
          if (performance.now() - printed < plainEvery) return;
          printed = performance.now();
          line(`  ${title}: ${text} (${seconds(start)})`);
        });
        line(`+ ${title} (${seconds(start)})`);
        return value;
      } catch (error) {
        line(`! ${title} failed (${seconds(start)})`);
        throw error;
      }
    },
  };
}

const clearLine = '\r\u001b[2K';

function liveProgress(stream: ProgressStream): Progress {
  const open: { title: string; text: string; start: number }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    const top = open.at(-1);
    if (top === undefined) return;
    const text = `  ${top.title}${top.text === '' ? '' : `: ${top.text}`} `;
    const time = seconds(top.start);
    // Some terminals do not say how wide they are: 0.
    const width = stream.columns === undefined || stream.columns === 0 ? 80 : stream.columns;
    stream.write(clearLine + text.slice(0, Math.max(10, width - time.length - 1)) + pc.dim(time));
  };
  const line = (text: string): void => {
    stream.write(`${clearLine}${text}\n`);
    draw();
  };
  return {
    note: line,
    async step(title, action) {
      const entry = { title, text: '', start: performance.now() };
      open.push(entry);
      timer ??= setInterval(draw, 100).unref();
      draw();
      const close = (mark: string): void => {
        open.splice(open.indexOf(entry), 1);
        line(`${mark} ${title} ${pc.dim(seconds(entry.start))}`);
        if (open.length === 0) {
          clearInterval(timer);
          timer = undefined;
        }
      };
      try {
        const value = await action((text) => {
          entry.text = text;
        });
        close(pc.green('✔'));
        return value;
      } catch (error) {
        close(pc.red('✘'));
        throw error;
      }
    },
  };
}
