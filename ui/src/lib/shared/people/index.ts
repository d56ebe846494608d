export { default as PersonPicker } from './PersonPicker.svelte';
export { peopleQuery, teamQuery } from './queries';
