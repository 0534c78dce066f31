package dev.fluxion.dsl.loss;

import dev.fluxion.MultiLoss;
import dev.fluxion.dsl.loss.LossCase.Row;
import dev.fluxion.dsl.loss.LossCase.Variant;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Value;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes cases of the catalogue with Fluxion's values and gradients, a line of JSON each, for {@code compare_losses.py} next
 * to the tests, which computes the same with PyTorch. Arguments: the file to write, and the number of cases for each setting
 * and reduction.
 */
final class LossDump {
    private LossDump() {}

    public static void main(String[] args) throws IOException {
        int cases = Integer.parseInt(args[1]);
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(args[0])))) {
            for (Row row : LossCatalogue.rows()) {
                for (Variant variant : row.variants()) {
                    for (LossReduction reduction : LossReduction.values()) {
                        for (int i = 0; i < cases; i++) {
                            write(out, row, variant, reduction, 100_000L + i);
                        }
                    }
                }
            }
        }
    }

    private static void write(PrintWriter out, Row row, Variant variant, LossReduction reduction, long seed) {
        LossCase c =
                variant.maker().make(new Draw(seed + 31L * variant.options().hashCode()), reduction);
        if (c.torch().isEmpty()
                || reduction == LossReduction.BATCH_MEAN && !row.name().equals("klDiv")) {
            return;
        }
        MultiLoss loss = row.name().equals("ctc") ? new AfterLogSoftmax(c.loss()) : c.loss();
        Evaluation e = Evaluation.of(loss, c.inputs().toArray(Value[]::new));
        StringBuilder line = new StringBuilder("{\"loss\": \"" + row.name() + "\", \"options\": \"" + variant.options()
                + "\", \"reduction\": \"" + reduction + "\", \"torch\": \"" + c.torch() + "\", \"value\": "
                + Arrays.toString(e.value().data()) + ", \"inputs\": [");
        for (int i = 0; i < c.inputs().size(); i++) {
            boolean floating = loss.type(i) == DType.FLOAT;
            Value in = c.inputs().get(i);
            line.append(i == 0 ? "" : ", ")
                    .append("{\"shape\": ")
                    .append(Arrays.toString(in.shape().dims()))
                    .append(", \"data\": ")
                    .append(Arrays.toString(in.data()))
                    .append(", \"gradient\": ")
                    .append(floating ? Arrays.toString(e.gradient(i).data()) : "null")
                    .append('}');
        }
        out.println(line.append("]}"));
    }

    /** The loss of logits, after which PyTorch's gradient of CTC is the derivative. */
    private record AfterLogSoftmax(MultiLoss loss) implements MultiLoss {
        @Override
        public Expr apply(Expr... inputs) {
            Expr[] normal = inputs.clone();
            normal[0] = inputs[0].logSoftmax(2);
            return loss.apply(normal);
        }

        @Override
        public DType type(int input) {
            return loss.type(input);
        }
    }
}
