import { defineConfig, type ViteUserConfig } from 'vitest/config'

const project = (name: string, include: readonly string[], more: Record<string, unknown> = {}): { test: Record<string, unknown> } => ({
  test: { name, include, environment: 'node', testTimeout: 60_000, hookTimeout: 120_000, ...more },
})

/** Tests that run the real peer; it is fetched first. */
const peer = { globalSetup: ['./test/contract/setup.ts'], testTimeout: 120_000 }

/** One project a kind of test; `npm test` runs them all, one worker a core. */
const config: ViteUserConfig = defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './scripts/count-reporter.ts'],
    projects: [
      project('unit', ['test/{kernel,schema,hcl,policy,client,reconciler,server,lsp,cli}/**/*.test.ts', 'test/property/**/*.test.ts']),
      project('architecture', ['test/architecture/**/*.test.ts']),
      project('conformance', ['test/conformance/**/*.test.ts']),
      project('script', ['test/script/**/*.test.ts'], peer),
      project('contract', ['test/contract/**/*.test.ts'], peer),
      // What it runs is large, and no package registry has it: only where somebody says where it is.
      ...(process.env['KUBE_APISERVER'] === undefined ? [] : [project('cluster', ['test/cluster/**/*.test.ts'], peer)]),
    ],
  },
})
export default config
