/**
 * Access tests: files that say who must be able to do what, and who must not; whether policies and roles have it so; and which rules
 * no test has asked. Knows the files' form and what access means; must not know where files or access come from.
 */
export { ruleCoverage, type CoveredRule, type RuleCoverage } from './coverage.ts'
export { readTestFile } from './read-file.ts'
export { runTests, type Failure, type TestResult, type TestRun } from './run-tests.ts'
export { type AccessTest, type Expectation, type NobodyBut, type Subject } from './test.ts'
