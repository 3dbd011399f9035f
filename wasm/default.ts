// SPDX-License-Identifier: Apache-2.0
/**
 * The instance behind `espruino-tls/tls` and `espruino-tls/https`: started at first use, with the
 * default arena.
 *
 * @module
 */
import { makeApi } from "./api.ts";
import { startHost } from "./host.ts";
import { nodePlatform } from "./node.ts";

/** The API of the default instance. @internal */
export const api = makeApi(startHost(nodePlatform, {}));
