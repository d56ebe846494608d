export { default as Compared } from './Compared.svelte';
export { copyText } from './copy';
export { default as Typed } from './Typed.svelte';
export { comparedWords, declared, fieldLabel, fieldsAsText } from './words';
