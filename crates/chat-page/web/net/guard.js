// Keeps one listener's failure from stopping the others.

/** Wraps a function so that its failures are reported to the console, including those of a promise that it returns.
 * @template {unknown[]} Given
 * @param {(...given: Given) => unknown} act
 * @returns {(...given: Given) => void} */
export const guarded = (act) => (...given) => {
  try {
    const answer = act(...given);
    if (answer instanceof Promise) answer.catch(report);
  } catch (error) {
    report(error);
  }
};

/** @param {unknown} error */
function report(error) {
  console.error(error);
}
