/**
 * A request that the server refused or that never reached it.
 */
export class RequestFailure extends Error {
  /** @param {import("./protocol.d.ts").ErrorBody} body */
  constructor(body) {
    super(body.message);
    this.name = "RequestFailure";
    this.body = body;
  }
}

/**
 * Any thrown thing as an error body.
 * @param {unknown} error
 * @returns {import("./protocol.d.ts").ErrorBody}
 */
export function errorBody(error) {
  if (error instanceof RequestFailure) return error.body;
  const message = error instanceof Error ? error.message : String(error);
  return { code: "InternalError", message, op: null, detail: null };
}
