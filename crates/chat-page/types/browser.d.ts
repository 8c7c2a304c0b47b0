/** What browsers have and TypeScript's own declarations lack. */

interface TrustedTypePolicy {
  createHTML(html: string): string;
}

/** Missing in browsers without Trusted Types. */
declare var trustedTypes: { createPolicy(name: string, rules: { createHTML(html: string): string }): TrustedTypePolicy } | undefined;
