export { default as Circumstances } from './Circumstances.svelte';
export { default as Compared } from './Compared.svelte';
export { copyText } from './copy';
export { endedWords, reasonWord } from './ended';
export { keptWords } from './kept';
export { default as Typed } from './Typed.svelte';
export { comparedWords, declared, fieldLabel, fieldsAsText } from './words';
