/** One request to the central API: JSON in, JSON out, every failure an `ApiError`. */
import type { Problem } from "./types";

export const API = "/api/v1";

/** Status of an error where no answer came at all. */
export const UNREACHABLE = 0;

export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/** `what`, thrown by anything, as an `ApiError`. */
export function asApiError(what: unknown): ApiError {
  if (what instanceof ApiError) return what;
  return new ApiError(UNREACHABLE, what instanceof Error ? what.message : String(what));
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, { signal: signal ?? null });
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const isForm = body instanceof FormData;
  return request<T>(path, {
    method: "POST",
    body: isForm ? body : JSON.stringify(body),
    // The browser writes a form's own content type, with its boundary.
    headers: isForm ? {} : { "content-type": "application/json" },
    signal: signal ?? null,
  });
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const answer = await fetch(API + path, init);
  if (!answer.ok) throw new ApiError(answer.status, await explain(answer));
  // The centre and this page are one release: its types are taken at their word.
  return (await answer.json()) as T;
}

async function explain(answer: Response): Promise<string> {
  const fallback = `${answer.status} ${answer.statusText}`.trim();
  if (!(answer.headers.get("content-type") ?? "").includes("json")) return fallback;
  const problem = (await answer.json()) as Partial<Problem> | null;
  return problem?.detail ?? problem?.title ?? fallback;
}
