export { codes, type Code } from './codes';
export { codeWords, isCode, words } from './words';
