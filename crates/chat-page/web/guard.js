// One listener's failure stops nobody else: what is wrapped here tells the console and goes on.

/** The function, with its failures contained; a promise that it answers included. */
export const guarded = (act) => (...given) => {
  try {
    const answer = act(...given);
    if (typeof answer?.catch !== "function") return answer;
    return answer.catch(tell);
  } catch (error) {
    return tell(error);
  }
};

function tell(error) {
  console.error(error);
}
