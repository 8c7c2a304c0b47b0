// One upload as an HTTP request.

import { loginHeader } from "./accounts.js";
import { noAnswer, ofAnswer } from "./causes.js";

/** Starts to send a file, and returns the request.
 * @param {Blob} source @param {string} name
 * @param {(share: number) => void} progress hears which share has been sent, from 0 to 1
 * @param {(outcome: Partial<page.Upload>) => void} ended */
export function upload(source, name, progress, ended) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("file", source, name);
  request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
  request.onload = () => {
    const { status, response } = request;
    if (status === 200 && response?.id) ended({ file: response, source: null });
    else ended({ error: ofAnswer(status, response, request.getResponseHeader("retry-after")).message });
  };
  // To a browser, a refusal before the end of the file looks the same as a break.
  request.onerror = () => ended({ error: `The upload failed. ${navigator.onLine === false ? noAnswer() : "The connection was lost, or something in front of the server takes less at once."}`, isBroken: true });
  request.onabort = () => ended({ error: "The upload was stopped." });
  request.open("POST", "/api/files");
  request.responseType = "json";
  for (const [header, value] of Object.entries(loginHeader())) request.setRequestHeader(header, value);
  request.send(form);
  return request;
}
