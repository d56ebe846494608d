export { default as Actions } from './Actions.svelte';
