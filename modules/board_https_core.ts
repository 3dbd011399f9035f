// SPDX-License-Identifier: Apache-2.0
/**
 * What is behind `require("https")` on a board, once something of it is used.
 *
 * @module
 */

import { connect } from "./board_tls_core.ts";
import { createHttps } from "./https.ts";

const api = createHttps({ connect });
export const request = api.request;
export const get = api.get;
export const Agent = api.Agent;
export const globalAgent = api.globalAgent;
