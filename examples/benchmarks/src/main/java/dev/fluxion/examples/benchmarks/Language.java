package dev.fluxion.examples.benchmarks;

import static dev.fluxion.examples.benchmarks.Piece.Plain.GELU;
import static dev.fluxion.examples.benchmarks.Piece.Plain.MEAN_OF_STEPS;

import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/** Nets for sequences, each of which becomes one of ten classes. */
final class Language {
    private static final int CLASSES = 10;
    private static final int WIDTH = 384;
    private static final int HEADS = 12;
    private static final int LAYERS = 6;

    private Language() {}

    /** All of them, in the order of the tables. */
    static List<Net> nets() {
        List<Piece> lstm = List.of(new Piece.Lstm(128, 128), MEAN_OF_STEPS, new Piece.Linear(128, CLASSES));
        return List.of(
                new Net("lstm", "LSTM 128→128, 100 steps", Shape.of(100, 128), CLASSES, List.of(32), lstm),
                encoder(16, List.of(1)),
                encoder(128, List.of(1, 8, 32)));
    }

    /** Whether a cell is of one of them. */
    static boolean is(Cell cell) {
        return nets().stream().anyMatch(net -> net.name().equals(cell.net()));
    }

    /** Whether a cell is of the net of a name. */
    static boolean is(Cell cell, String net, Cell.Mode mode) {
        return cell.net().equals(net) && cell.mode() == mode;
    }

    /** An encoder with the norms behind the sums. */
    private static Net encoder(int steps, List<Integer> batches) {
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < LAYERS; i++) {
            Piece attention = new Piece.Attention(WIDTH, HEADS);
            List<Piece> forward =
                    List.of(new Piece.Linear(WIDTH, 4 * WIDTH, true), GELU, new Piece.Linear(4 * WIDTH, WIDTH, true));
            pieces.addAll(List.of(
                    new Piece.Residual(List.of(attention), List.of()),
                    new Piece.LayerNorm(WIDTH),
                    new Piece.Residual(forward, List.of()),
                    new Piece.LayerNorm(WIDTH)));
        }
        pieces.addAll(List.of(MEAN_OF_STEPS, new Piece.Linear(WIDTH, CLASSES)));
        String title = String.format("Encoder %d×%d×%d, %d steps", LAYERS, WIDTH, HEADS, steps);
        return new Net("encoder" + steps, title, Shape.of(steps, WIDTH), CLASSES, batches, pieces);
    }
}
