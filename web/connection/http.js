/**
 * The server's HTTP side: programs, their graphs, and the first page's lists.
 *
 * @typedef {import("../state/graph-data.d.ts").GraphData} GraphData
 * @typedef {import("../state/graph-data.d.ts").HomeLists} HomeLists
 * @typedef {import("../state/graph-data.d.ts").OperationDetails} OperationDetails
 * @typedef {import("../state/graph-data.d.ts").ProgramEntry} ProgramEntry
 */
import { RequestFailure } from "./failure.js";
import { track } from "./pending.js";

/** @returns {Promise<HomeLists>} */
export const getHome = () => request("GET", "/api/home");

/**
 * @param {string} program
 * @returns {Promise<GraphData>}
 */
export const getGraph = (program) =>
  request("GET", `/api/programs/${encodeURIComponent(program)}/graph`);

/**
 * @param {string} program
 * @param {string} name
 * @returns {Promise<OperationDetails>}
 */
export const getOperation = (program, name) =>
  request(
    "GET",
    `/api/programs/${encodeURIComponent(program)}/operation?name=${encodeURIComponent(name)}`,
  );

/**
 * @param {string} program
 * @returns {Promise<{ session: string }>}
 */
export const createSession = (program) => request("POST", "/api/sessions", { program });

/** @param {string} program */
export const deleteProgram = (program) =>
  request("DELETE", `/api/programs/${encodeURIComponent(program)}`);

/**
 * Add a program to the library.
 * @param {File[]} files one file, or those that belong together
 * @param {(fraction: number) => void} onProgress of the bytes sent
 * @returns {Promise<ProgramEntry>}
 */
export function uploadProgram(files, onProgress) {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name);
  return track(
    new Promise((resolve, reject) => {
      const upload = new XMLHttpRequest();
      upload.open("POST", "/api/programs");
      upload.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
      upload.onerror = () => reject(unreachable("/api/programs"));
      upload.onload = () => {
        try {
          resolve(answerOf(upload.status, upload.responseText, "/api/programs"));
        } catch (error) {
          reject(error);
        }
      };
      upload.send(form);
    }),
  );
}

/**
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 * @throws {RequestFailure}
 */
function request(method, path, body) {
  return track(send(method, path, body));
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} body
 */
async function send(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch {
    throw unreachable(path);
  }
  return answerOf(response.status, await response.text(), path);
}

/**
 * @param {number} status
 * @param {string} text
 * @param {string} path
 */
function answerOf(status, text, path) {
  /** @type {any} */
  let answer = {};
  try {
    if (text !== "") answer = JSON.parse(text);
  } catch {
    // A proxy's or the framework's own error page; the status says what there is to say.
    answer = {};
  }
  if (status >= 200 && status < 300) return answer;
  throw new RequestFailure(
    answer.error ?? {
      code: status === 404 ? "NotFound" : "BadRequest",
      message: `The server answered ${path} with status ${status}.`,
      op: null,
      detail: null,
    },
  );
}

/** @param {string} path */
function unreachable(path) {
  return new RequestFailure({
    code: "ConnectionLost", message: `The server did not answer ${path}.`, op: null, detail: null,
  });
}
