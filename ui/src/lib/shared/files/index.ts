export { saveMade } from './queries';
export { eachPiece, PIECE_BYTES } from './pieces';
