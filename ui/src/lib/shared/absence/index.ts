export { default as CoverBadge } from './CoverBadge.svelte';
export { coverLineWords, coverWords, periodWords } from './words';
