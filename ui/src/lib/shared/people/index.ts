export { default as PersonPicker } from './PersonPicker.svelte';
export { peopleQuery } from './queries';
