// @ts-nocheck
import { createHttps } from "./https.ts";
declare const require: any;
const https = createHttps(require("tls"));
export const get = https.get;
export const request = https.request;
export const Agent = https.Agent;
export const globalAgent = https.globalAgent;
