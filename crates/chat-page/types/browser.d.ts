/** Declarations that TypeScript lacks. */

interface TrustedTypePolicy {
  createHTML(html: string): string;
}

/** Undefined in browsers without Trusted Types. */
declare var trustedTypes: { createPolicy(name: string, rules: { createHTML(html: string): string }): TrustedTypePolicy } | undefined;
