import infodynamics.measures.continuous.kraskov.MutualInfoCalculatorMultiVariateKraskov1;
import infodynamics.measures.continuous.kraskov.TransferEntropyCalculatorKraskov;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Paths;

/**
 * The JIDT side of bench.py: calls the public API of JIDT on demand and says how
 * long each call took. It reads one request a line,
 *
 *   te|mi FILE_X FILE_Y THREADS SURROGATES REPEAT
 *
 * the files being raw little-endian doubles, and answers each with the value and
 * the nanoseconds of every call. Noise is off and k is 4, as in ours.
 */
public class Jidt {
    interface Call {
        double run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        System.out.println("java " + System.getProperty("java.version"));
        for (String line; (line = in.readLine()) != null; ) {
            String[] f = line.trim().split(" ");
            double[] x = read(f[1]), y = read(f[2]);
            String threads = f[3];
            int surrogates = Integer.parseInt(f[4]), repeat = Integer.parseInt(f[5]);
            Call call = f[0].equals("mi") ? () -> mi(x, y, threads) : () -> te(x, y, threads, surrogates);
            StringBuilder out = new StringBuilder();
            double value = 0;
            for (int i = 0; i < repeat; i++) {
                long start = System.nanoTime();
                value = call.run();
                out.append(' ').append(System.nanoTime() - start);
            }
            System.out.println(value + out.toString());
        }
    }

    static double te(double[] x, double[] y, String threads, int surrogates) throws Exception {
        TransferEntropyCalculatorKraskov c = new TransferEntropyCalculatorKraskov();
        c.setProperty("k", "4");
        c.setProperty("NUM_THREADS", threads);
        c.setProperty("NOISE_LEVEL_TO_ADD", "0");
        c.initialise(1, 1, 1, 1, 1);
        c.setObservations(x, y);
        double value = c.computeAverageLocalOfObservations();
        if (surrogates > 0) {
            c.computeSignificance(surrogates);
        }
        return value;
    }

    static double mi(double[] x, double[] y, String threads) throws Exception {
        MutualInfoCalculatorMultiVariateKraskov1 c = new MutualInfoCalculatorMultiVariateKraskov1();
        c.setProperty("k", "4");
        c.setProperty("NUM_THREADS", threads);
        c.setProperty("NOISE_LEVEL_TO_ADD", "0");
        c.initialise(1, 1);
        c.setObservations(x, y);
        return c.computeAverageLocalOfObservations();
    }

    static double[] read(String file) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(Paths.get(file))).order(ByteOrder.LITTLE_ENDIAN);
        double[] out = new double[b.remaining() / 8];
        b.asDoubleBuffer().get(out);
        return out;
    }
}
