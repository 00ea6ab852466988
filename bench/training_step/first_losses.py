# Starts contestants of training steps, and ends those whose first losses or updates are not Keras's.
import os

from agreement import far_apart, keras_first
from contestants import Contestant, Failed, command, title
from conversation import PASSES
from progress import say

FIRST_TOLERANCE = 1e-5      # of the loss before any update: the networks are the same
FALL_TOLERANCE = 0.3        # of how far the loss falls: a rate half or twice as large shows here or in the first losses
LEAST_FALL = 1e-3           # of the loss: a smaller fall would not tell updates from rounding


def fall(losses, batches):
    """How far the mean loss of the last pass over the first batches lies below that of the first; `losses` are running means."""
    return losses[batches - 1] - (PASSES * losses[-1] - (PASSES - 1) * losses[-1 - batches])


def fault_of(losses, case, reference, first=FIRST_TOLERANCE):
    """What is wrong with a contestant's losses, in words, or None. The first show that the networks agree and that each update is
    about right; how far all have fallen, that there were updates, and of which size."""
    batches = case.checked_steps

    def limit(step):
        if step >= batches:
            return float('inf')
        return (first if step == 0 else max(case.tolerance, first)) * max(1.0, abs(reference[step]))

    fault = far_apart(losses, PASSES * batches, reference, limit)
    if fault:
        return 'losses: ' + fault
    fell = fall(losses, batches)
    if fell < LEAST_FALL * abs(losses[0]):
        return f'the loss does not fall: {fell:.2g}'
    expected = fall(reference, batches) if reference else fell
    if abs(fell - expected) > FALL_TOLERANCE * expected:
        return f'the loss falls by {fell:.2g}, not {expected:.2g}'
    return None


def budget(name, memory, build, case, folder, batch_size):
    """The command of batchwise in so much memory; None: as everybody else."""
    if not memory or not name.startswith('batchwise'):
        return None
    return command('training_step', name, build, [case.name, folder, str(batch_size), memory])


def start_agreeing(case, folder, batch_size, names, build, question='training_step', first=FIRST_TOLERANCE, memory=''):
    """{name: contestant} of those that agree, who have not trained yet; why the others do not; and whom they were compared with.
    `memory` is batchwise's budget, where it has one."""
    running, refused, reference, compared = {}, {}, None, None
    for name in keras_first(names):
        say(f'  {case.name}, batch {batch_size}: {title(name)} shows its losses')
        contestant = Contestant(name, build, case.name, folder, batch_size,
                                os.path.join(build, f'bench-{question}-{case.name}-{batch_size}{memory}-{name}.log'),
                                budget(name, memory, build, case, folder, batch_size))
        try:
            losses = contestant.ask('losses', case.checked_steps)
            fault = fault_of(losses, case, reference, first)
            if fault:
                raise Failed(fault)
            if not reference:
                reference, compared = losses, name
            running[name] = contestant
        except Failed as fault:
            say(f'  {title(name)}: {fault}')
            refused[name] = str(fault)
            contestant.close()
    return running, refused, compared


def ready(running, refused, case, batch_size):
    """Lets them start their timed training: past two steps each."""
    for name, contestant in list(running.items()):
        say(f'  {case.name}, batch {batch_size}: {title(name)} starts')
        try:
            contestant.ask('train')
            contestant.ask('steps', 1)
        except Failed as fault:
            say(f'  {title(name)}: {fault}')
            refused[name] = str(fault)
            running.pop(name).close()
