// SPDX-License-Identifier: Apache-2.0
/**
 * `https`: HTTP/1.1 over verified TLS, with the shapes that Node and Espruino share.
 *
 * @module
 */

import { Agent } from "./http_agent.ts";
import type { TlsApi } from "./http_agent.ts";
import { resolveOptions } from "./http_options.ts";
import type { RequestOptions, RequestTarget, ResponseListener } from "./http_options.ts";
import { ClientRequest } from "./http_request.ts";
import type { CreateServer } from "./https_server.ts";

export type { Agent, ClientRequest, RequestOptions, RequestTarget, ResponseListener, TlsApi };
export type { AgentOptions, ConnectOptions } from "./http_agent.ts";
export type {
    FieldValue,
    IncomingEvents,
    IncomingMessage,
    TlsSocketLike,
} from "./http_message.ts";
export type { Fields } from "./http_fields.ts";
export type { PipeDestination, PipeOptions } from "./pipe.ts";
export type { RequestEvents, UrlLike } from "./http_options.ts";

/** Makes a request: URL or options, more options, and a listener for the response. */
export interface RequestFunction {
    (target: RequestTarget, listener?: ResponseListener): ClientRequest;
    (target: RequestTarget, options: RequestOptions, listener?: ResponseListener): ClientRequest;
}

/** What `require("https")` is. */
export interface Https {
    /**
     * Starts a request, to be written and ended by the caller. Throws for what can never be
     * sent: `ETLS_HTTP_URL`, `ETLS_BAD_URL`, `ETLS_HTTP_PATH`, `ETLS_HTTP_METHOD`,
     * `ETLS_HTTP_HEADER`. All other failures are `error` events.
     *
     * @example
     * ```ts
     * const request = https.request("https://example.org/", { method: "POST" }, (response) => {
     *     console.log(response.statusCode);
     *     response.resume();
     * });
     * request.on("error", console.error);
     * request.end("a=1");
     * ```
     */
    request: RequestFunction;
    /** `request` with `end()`, for requests without a body. */
    get: RequestFunction;
    /** Keeps and limits connections. */
    Agent: typeof Agent;
    /** The agent of requests that name none: keeps connections for 5 seconds. */
    globalAgent: Agent;
}

/** With the server's side, which only builds of profile `full` have. */
export interface HttpsWithServer extends Https {
    /** Makes a server that calls `listener` with each request. */
    createServer: CreateServer;
}

/**
 * Makes an `https` whose connections come from the given `tls`; for servers too, pass what
 * `serverFactory` made of it.
 */
export const createHttps: {
    (tls: TlsApi): Https;
    (tls: TlsApi, createServer: CreateServer): HttpsWithServer;
} = function (tls: TlsApi, createServer?: CreateServer): HttpsWithServer {
    const request = function (
        target: RequestTarget,
        more?: RequestOptions | ResponseListener,
        last?: ResponseListener,
    ): ClientRequest {
        const listener = typeof more === "function" ? more : last;
        const options = typeof more === "function" ? undefined : more;
        const made = new ClientRequest(tls, resolveOptions(target, options, https.globalAgent));
        if (listener) made.on("response", listener);
        return made;
    };
    const https = {
        request,
        get: function (
            target: RequestTarget,
            more?: RequestOptions | ResponseListener,
            last?: ResponseListener,
        ): ClientRequest {
            return request(target, more, last).end();
        },
        Agent,
        globalAgent: new Agent({ keepAlive: true }),
    } as HttpsWithServer;
    if (createServer) https.createServer = createServer;
    return https;
};
