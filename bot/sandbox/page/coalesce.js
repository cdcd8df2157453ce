/** Work that is asked for again while it is being done is done once more afterwards, not at the same time. */

/**
 * Make a function that never runs twice at once.
 * @param {(...args: any[]) => Promise<void>} work
 * @returns {(...args: any[]) => Promise<void>} settles when no more is to be done; the last arguments win
 */
export function oneAtATime(work) {
  let running = null;
  let again = null;
  const loop = async (args) => {
    let now = args;
    while (now) {
      again = null;
      await work(...now);
      now = again;
    }
  };
  return (...args) => {
    if (running) {
      again = args;
      return running;
    }
    running = loop(args).finally(() => {
      running = null;
    });
    return running;
  };
}
