// SPDX-License-Identifier: Apache-2.0
/**
 * `espruino-tls/https`: what `require("https")` is on a board, under Node, on the default
 * instance of `espruino-tls/tls`.
 *
 * @example
 * ```ts
 * import { get } from "espruino-tls/https";
 *
 * get("https://example.org/", (response) => {
 *     console.log(response.statusCode);
 *     response.on("data", (data) => process.stdout.write(data, "latin1"));
 * });
 * ```
 *
 * @module
 */
import { api } from "./default.ts";
import type { HttpsWithServer } from "../modules/https.ts";

export type {
    Agent as AgentInstance,
    AgentOptions,
    ClientRequest,
    Fields,
    FieldValue,
    Https,
    HttpsWithServer,
    IncomingEvents,
    IncomingMessage,
    RequestEvents,
    RequestFunction,
    RequestOptions,
    RequestTarget,
    ResponseListener,
    TlsSocketLike,
} from "../modules/https.ts";
export type { UrlLike } from "../modules/http_options.ts";
export type { ResponseEvents, ServerResponse } from "../modules/https_response.ts";
export type {
    CreateServer,
    HttpsServer,
    RequestListener,
    ServerEvents,
    ServerLimits,
    ServerOptions,
} from "../modules/https_server.ts";

/** Starts a request, to be written and ended by the caller. */
export const request: HttpsWithServer["request"] = api.https.request;
/** Makes a request without a body. */
export const get: HttpsWithServer["get"] = api.https.get;
/** Makes a server. */
export const createServer: HttpsWithServer["createServer"] = api.https.createServer;
/** Keeps connections for further requests. */
export const Agent: HttpsWithServer["Agent"] = api.https.Agent;
/** The agent of requests that name none. */
export const globalAgent: HttpsWithServer["globalAgent"] = api.https.globalAgent;
