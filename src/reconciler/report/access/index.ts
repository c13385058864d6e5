/**
 * What access there is, and why, as text and as JSON: explanations, who can, and how access tests went. Pure, as all reports; never
 * shows the value of a parameter.
 */
export { explainJson, explainText, type ExplainReport } from './explain.ts'
export { isBelow, testsJson, testsJunit, testsText, type TestReport } from './tests.ts'
export { whoCanJson, whoCanText } from './who-can.ts'
