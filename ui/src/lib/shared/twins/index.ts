export { likenessDependsOn, tellApart } from './queries';
export { reasonWords, sayApart } from './words';
